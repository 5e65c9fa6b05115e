import { Matches, MaxLength } from 'class-validator';
import { applyDecorators } from './apply-decorators.js';
import { Described } from './fields.js';

/** An asset's id: letters, digits, dot, dash and underscore; no path can be made of it. */
export const assetIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{7,199}$/;
const sourcePattern = /^(https?:\/\/[^\s\u0000-\u001f\u007f]+|[A-Za-z0-9][A-Za-z0-9._-]{7,199})$/;

/** A field that names a file to read: an asset id, or an http(s) URL. */
export function IsSource(): PropertyDecorator {
  return applyDecorators(
    Matches(sourcePattern, { message: '$property must be an asset id or an http(s) URL' }),
    MaxLength(2_000),
    Described('The file to read: an asset id, or an http(s) URL.'),
  );
}

/** Whether a source is to be fetched, and not an asset. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}
