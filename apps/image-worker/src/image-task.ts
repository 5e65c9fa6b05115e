import type { ImageFit, ImageFormat } from '@heavylift/contracts';

/** A picture to make, and the file to put it in. */
export interface VariantTask {
  readonly name: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fit: ImageFit;
  readonly format: ImageFormat;
  readonly quality?: number | undefined;
  readonly path: string;
}

/** One picture, and what to make of it. Paths are absolute: the child process has its own working directory. */
export interface ResizeTask {
  readonly kind: 'resize';
  readonly source: string;
  readonly variants: readonly VariantTask[];
}

/** Abstract pictures to draw of a prompt, one for each seed. */
export interface DrawTask {
  readonly kind: 'draw';
  readonly prompt: string;
  readonly width: number;
  readonly height: number;
  readonly pictures: readonly { readonly name: string; readonly seed: number; readonly path: string }[];
}

/** Files to look into: whether they are whole pictures, and of what kind. */
export interface InspectTask {
  readonly kind: 'inspect';
  readonly pictures: readonly { readonly name: string; readonly path: string }[];
}

/** What a child process can do. */
export type ImageTask = ResizeTask | DrawTask | InspectTask;

/** A picture in its file. */
export interface PictureFile {
  readonly name: string;
  readonly format: ImageFormat;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** What is told while a task runs: what was read, each picture in turn, and in between how much of the task is done, from 0 to 1. */
export type ImageNews =
  | { readonly kind: 'read'; readonly format: string; readonly width: number; readonly height: number }
  | { readonly kind: 'made'; readonly picture: PictureFile }
  | { readonly kind: 'progressed'; readonly share: number };

/** What a child process answers to a task: news, then `done`; or `failed`. */
export type ImageReply =
  | ImageNews
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly permanent: boolean };
