/** Where an asset is kept in the blob store. */
export function assetKey(id: string): string {
  return `assets/${id}`;
}

/** The run that makes an asset. */
export interface AssetMaker {
  readonly id: string;
  readonly attempt: number;
  readonly run: string;
}

/**
 * The id of a file that a run makes, like `<job>.2.9f1c03ab.poster-jpg`. Each run has its own: one that lost its lease cannot overwrite what its successor
 * stored. Fits `assetIdPattern`, whatever the job's id and the name are.
 */
export function resultAssetId(job: AssetMaker, name: string): string {
  return `${cleaned(job.id, 100, 'job')}.${job.attempt}.${shortRun(job.run)}.${slug(name)}`;
}

/** The end, since an id that starts with the time is told from its neighbours only there. */
function shortRun(run: string): string {
  return cleaned(run, 100, 'run').slice(-8).padStart(8, '0');
}

function slug(name: string): string {
  return cleaned(name.normalize('NFKD').toLowerCase(), 60, 'file');
}

function cleaned(text: string, longest: number, otherwise: string): string {
  const plain = text.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+/, '');
  return plain.slice(0, longest).replace(/-+$/, '') || otherwise;
}
