import type { Readable } from 'node:stream';
import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';
import type { AssetRecord } from '../store/index.js';
import type { AssetsService } from './assets.service.js';
import { tooLarge } from './measured-upload.js';

/** What a multipart request brought: the stored `file`, and the other fields as text. */
export interface Upload {
  readonly asset: AssetRecord;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Reads a multipart request, its `file` straight into storage.
 * @throws {Problem} 413, 415, and 422 when there is no file, or more than one; nothing stays stored then
 */
export async function receiveMultipart(request: FastifyRequest, assets: AssetsService): Promise<Upload> {
  if (!request.isMultipart())
    throw new Problem(415, 'body.type_unsupported', 'send multipart/form-data with a field "file"');
  refuseTooLarge(request, assets.maxUploadBytes);
  const fields = new Map<string, string>();
  let asset: AssetRecord | undefined;
  try {
    for await (const part of readForm(request.parts())) {
      if (part.type === 'field') fields.set(part.fieldname, textOf(part));
      else if (part.fieldname !== 'file' || asset) throw unexpectedFile(part.fieldname);
      else asset = await assets.add(readForm(part.file), nameOf(part));
    }
  } catch (error) {
    if (asset) await assets.remove(asset.id);
    throw error;
  }
  if (!asset) throw fileProblem('is missing');
  return { asset, fields };
}

/**
 * Reads a request whose body is the file itself.
 * @throws {Problem} 413, and 422 when the body is empty; nothing stays stored then
 */
export async function receiveRaw(request: FastifyRequest, assets: AssetsService): Promise<AssetRecord> {
  refuseTooLarge(request, assets.maxUploadBytes);
  const body = request.body as Readable | undefined;
  if (!body) throw fileProblem('is missing: the body is empty');
  // Destroying a request destroys its connection, and with it the answer that says why.
  const asset = await assets.add(body.iterator({ destroyOnReturn: false }), filenameOf(request));
  if (asset.bytes > 0) return asset;
  await assets.remove(asset.id);
  throw fileProblem('is missing: the body is empty');
}

/** What goes wrong in reading is the client's: the form is not whole, or not one. What goes wrong in storing is not. */
async function* readForm<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* source;
  } catch (error) {
    const { message, statusCode } = error as Error & { statusCode?: number };
    if (statusCode === 413) throw error;
    throw new Problem(400, 'body.invalid_form', `the form cannot be read: ${message}`);
  }
}

/** Browsers write a quote in a form's file name as `%22`. */
function nameOf({ filename }: MultipartFile): string {
  return filename.replaceAll('%22', '"').replace(/%0[ad]/gi, '');
}

/** A field that is sent as JSON has been read already. */
function textOf({ fieldname, value, valueTruncated }: MultipartValue): string {
  if (valueTruncated) throw invalidUpload('a field is too long', fieldname, 'is too long');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Before a byte is read; a body without a length is cut off at the limit instead. */
function refuseTooLarge(request: FastifyRequest, limit: number): void {
  const allowance = request.isMultipart() ? 64 * 1024 : 0;
  if (Number(request.headers['content-length'] ?? 0) > limit + allowance) throw tooLarge(limit);
}

function filenameOf(request: FastifyRequest): string | undefined {
  const header = request.headers['content-disposition'];
  return /filename="?([^";]+)"?/.exec(header ?? '')?.[1];
}

function unexpectedFile(field: string): Problem {
  const detail = `the request has an unexpected file "${field}"; send one file, as "file"`;
  return invalidUpload(detail, field, 'is not expected: send one file, as "file"');
}

function fileProblem(message: string): Problem {
  return invalidUpload(`file ${message}`, 'file', message);
}

function invalidUpload(detail: string, path: string, message: string): Problem {
  return new Problem(422, 'upload.invalid', detail, { errors: [{ path, message }] });
}
