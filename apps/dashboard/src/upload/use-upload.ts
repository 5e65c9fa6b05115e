import { useEffect, useRef, useState } from 'preact/hooks';
import type { Asset } from '../api/model.js';
import { asProblem, type Problem } from '../api/problem.js';
import { uploadFile } from '../api/upload-file.js';

export type UploadState =
  | { readonly step: 'empty'; readonly problem?: Problem }
  | { readonly step: 'sending'; readonly file: File; readonly share: number }
  | { readonly step: 'stored'; readonly file: File; readonly asset: Asset };

export interface Upload {
  readonly state: UploadState;
  start(file: File): void;
  /** Stops what is being sent, and starts over. */
  clear(): void;
}

/** One file on its way into storage. A new one takes the place of the one before. */
export function useUpload(): Upload {
  const [state, setState] = useState<UploadState>({ step: 'empty' });
  const current = useRef(new AbortController());
  useEffect(() => () => current.current.abort(), []);

  const begin = (): AbortSignal => {
    current.current.abort();
    current.current = new AbortController();
    return current.current.signal;
  };
  const send = async (file: File): Promise<void> => {
    const signal = begin();
    const show = (next: UploadState): void => {
      if (!signal.aborted) setState(next);
    };
    show({ step: 'sending', file, share: 0 });
    try {
      const asset = await uploadFile(file, (share) => show({ step: 'sending', file, share }), signal);
      show({ step: 'stored', file, asset });
    } catch (error) {
      show({ step: 'empty', problem: asProblem(error) });
    }
  };
  const clear = (): void => {
    begin();
    setState({ step: 'empty' });
  };
  return { state, start: (file) => void send(file), clear };
}
