import type { Readable } from 'node:stream';
import '@fastify/multipart';
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
    for await (const part of request.parts()) {
      if (part.type === 'field') fields.set(part.fieldname, String(part.value));
      else if (part.fieldname !== 'file' || asset) throw unexpectedFile(part.fieldname);
      else asset = await assets.add(part.file, part.filename);
    }
  } catch (error) {
    if (asset) await assets.remove(asset.id);
    throw error;
  }
  if (!asset) throw fileProblem('is missing');
  return { asset, fields };
}

/** Reads a request whose body is the file itself. */
export function receiveRaw(request: FastifyRequest, assets: AssetsService): Promise<AssetRecord> {
  refuseTooLarge(request, assets.maxUploadBytes);
  const body = request.body as Readable | undefined;
  if (!body || typeof body !== 'object' || !(Symbol.asyncIterator in body))
    throw fileProblem('is missing: the body is empty');
  return assets.add(body as AsyncIterable<Uint8Array>, filenameOf(request));
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
  return new Problem(
    422,
    'upload.invalid',
    `the request has an unexpected file "${field}"; send one file, as "file"`,
    {
      errors: [{ path: field, message: 'is not expected: send one file, as "file"' }],
    },
  );
}

function fileProblem(message: string): Problem {
  return new Problem(422, 'upload.invalid', `file ${message}`, { errors: [{ path: 'file', message }] });
}
