export { InvalidBlobKeyError } from './blob-key.js';
export {
  type Blob,
  type BlobEntry,
  BlobNotFoundError,
  type BlobStore,
  BlobStoreFullError,
} from './blob-store.js';
export { createBlobStore } from './create-blob-store.js';
export { FileBlobStore } from './file-blob-store.js';
