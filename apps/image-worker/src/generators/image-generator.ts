import type { Workspace } from '@heavylift/nestjs';
import type { PictureFile } from '../image-task.js';

/** What is asked for; whatever is left out is the generator's to choose. */
export interface ImageRequest {
  readonly prompt: string;
  readonly seed?: number | undefined;
  /** In pixels, as is the height. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly count: number;
}

/** What a generator may use while it works. */
export interface GeneratorRun {
  /** Aborts when the pictures are no longer wanted. */
  readonly signal: AbortSignal;
  readonly workspace: Pick<Workspace, 'path' | 'fetch'>;
  /** Takes how much is done, from 0 to 1. */
  progress(share: number): void;
}

export interface GeneratedImages {
  /** As many as were asked for, in files of the workspace. */
  readonly pictures: readonly PictureFile[];
  /** The seed of the first, when it is known. */
  readonly seed?: number;
}

/** Makes pictures from a text. */
export abstract class ImageGenerator {
  /** Told in the result as `provider`. */
  abstract readonly name: string;

  /**
   * @throws the signal's reason
   * @throws {UnrecoverableError} when trying again cannot help
   * @throws {RetryAfterError} when the provider says when to come again
   */
  abstract generate(request: ImageRequest, run: GeneratorRun): Promise<GeneratedImages>;
}
