export { type AssetMaker, assetKey, resultAssetId } from './asset-key.js';
export { checkSourceUrl } from './check-source-url.js';
export { type AddressRule, anyAddress, isPublicAddress } from './public-address.js';
export { type ResultFile, type SourceLimits, Workspace } from './workspace.js';
export { Workspaces, type WorkspacesOptions } from './workspaces.js';
