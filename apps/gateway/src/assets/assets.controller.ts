import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '../docs/notes.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequiresScope } from '../auth/scope.decorator.js';
import type { AssetRecord } from '../store/index.js';
import { AssetsService } from './assets.service.js';
import { byteRange } from './byte-range.js';
import { contentDisposition } from './content-disposition.js';
import { receiveMultipart, receiveRaw } from './upload.js';

/** Types that a browser shows without running anything in them; all others are downloaded. */
const shownInline = /^(video|audio)\/|^image\/(?!svg)|^text\/plain$/;

@ApiTags('assets')
@Controller('v1/assets')
export class AssetsController {
  constructor(private readonly assets: AssetsService) {}

  @Post()
  @HttpCode(201)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Store a file',
    description: 'As multipart field `file`, or as the body itself. Its type is read from its bytes.',
  })
  @ApiConsumes('multipart/form-data', 'application/octet-stream')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', format: 'binary' } },
    },
  })
  async add(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AssetView> {
    const asset = request.isMultipart()
      ? (await receiveMultipart(request, this.assets)).asset
      : await receiveRaw(request, this.assets);
    void reply.header('location', `/v1/assets/${asset.id}`);
    return assetView(asset);
  }

  @Get(':id')
  @RequiresScope('read')
  @ApiOperation({ summary: 'The facts about a file' })
  async get(@Param('id') id: string): Promise<AssetView> {
    return assetView(await this.assets.get(id));
  }

  @Get(':id/content')
  @RequiresScope('read')
  @ApiOperation({
    summary: 'The file itself, whole or by Range',
    description: '`?download=1` makes a browser save it.',
  })
  async content(
    @Param('id') id: string,
    @Query('download') download: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asset = await this.assets.get(id);
    const etag = `"${asset.sha256}"`;
    const headers = headersOf(asset, etag, Boolean(download));
    if (isKnown(request.headers['if-none-match'], etag))
      return void reply.headers(headers).status(304).send();
    const ifRange = request.headers['if-range'];
    const range = ifRange && ifRange !== etag ? undefined : byteRange(request.headers.range, asset.bytes);
    // An empty stream, not an empty text: that would say that the file has no bytes.
    const bytes = request.method === 'HEAD' ? Readable.from([]) : await this.assets.content(id, range);
    void reply.headers(headers).header('content-length', range ? range.end - range.start + 1 : asset.bytes);
    if (range)
      void reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${asset.bytes}`);
    await reply.send(bytes);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Remove a file' })
  async remove(@Param('id') id: string): Promise<void> {
    await this.assets.remove(id);
  }
}

/** An asset as clients see it. */
export type AssetView = Pick<AssetRecord, 'id' | 'filename' | 'mediaType' | 'bytes' | 'sha256' | 'createdAt'>;

export function assetView({ id, filename, mediaType, bytes, sha256, createdAt }: AssetRecord): AssetView {
  return { id, filename, mediaType, bytes, sha256, createdAt };
}

/** Whether the client says that it has the file: by its tag, also a weak one or one of several, or `*` for any. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.trim() === '*' || Boolean(ifNoneMatch?.includes(etag));
}

/** A stored file never changes, so its digest is its ETag; nothing in it may run. */
function headersOf(asset: AssetRecord, etag: string, download: boolean): Record<string, string> {
  const inline = shownInline.test(asset.mediaType) && !download;
  return {
    'content-type': asset.mediaType,
    'content-disposition': contentDisposition(inline ? 'inline' : 'attachment', asset.filename),
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  };
}
