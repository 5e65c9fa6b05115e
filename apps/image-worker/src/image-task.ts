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
  readonly source: string;
  readonly variants: readonly VariantTask[];
}

/** A picture that was made, in its file. */
export interface ResizeOutcome {
  readonly name: string;
  readonly format: ImageFormat;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** What a child process answers to a task: `made` for each variant in turn, then `done`; or `failed`. */
export type ImageReply =
  | { readonly kind: 'made'; readonly outcome: ResizeOutcome }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly permanent: boolean };
