export * from './image/generate-image.js';
export * from './image/resize-image.js';
export * from './job-types.js';
export * from './json-schema.js';
export * from './source.js';
export * from './video/transcode-video.js';
export * from './video/video-thumbnails.js';
