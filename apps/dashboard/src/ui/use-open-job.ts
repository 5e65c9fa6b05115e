import { useEffect, useState } from 'preact/hooks';

const pattern = /^#\/jobs\/(.+)$/;

/** The address of a job on this page; it can be kept and sent to others. */
export function jobHref(id: string): string {
  return `#/jobs/${encodeURIComponent(id)}`;
}

/** The id of the job that the address names. */
export function useOpenJob(): string | undefined {
  const [id, setId] = useState(openJob);
  useEffect(() => {
    const look = (): void => setId(openJob());
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return id;
}

function openJob(): string | undefined {
  const [, id] = pattern.exec(location.hash) ?? [];
  try {
    return id && decodeURIComponent(id);
  } catch {
    // A mistyped escape: the gateway will say that it knows no such job.
    return id;
  }
}
