/** Why a picture could not be made. Crosses the process boundary as plain fields, so it leans on nothing. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
  readonly code: string;
  /** Trying again cannot help. */
  readonly permanent: boolean;

  constructor(code: string, message: string, permanent: boolean) {
    super(message);
    this.code = code;
    this.permanent = permanent;
  }
}
