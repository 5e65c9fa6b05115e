import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Takes a file that is dropped anywhere on the page, or pasted: a miss by a finger's width must not make the browser leave the page.
 * @returns whether a file hovers over the page now
 */
export function useDroppedFile(onFile: (file: File) => void): boolean {
  const [hovering, setHovering] = useState(false);
  const take = useRef(onFile);
  take.current = onFile;
  useEffect(() => {
    const gone = new AbortController();
    const on = { signal: gone.signal };
    addEventListener('dragover', (event) => setHovering(accept(event)), on);
    addEventListener('dragleave', (event) => event.relatedTarget === null && setHovering(false), on);
    const receive = (event: Event, files: FileList | undefined): void => {
      const file = files?.[0];
      setHovering(false);
      if (!file) return;
      event.preventDefault();
      take.current(file);
    };
    addEventListener('drop', (event) => receive(event, event.dataTransfer?.files), on);
    addEventListener('paste', (event) => receive(event, event.clipboardData?.files), on);
    return () => gone.abort();
  }, []);
  return hovering;
}

function accept(event: DragEvent): boolean {
  if (!event.dataTransfer?.types.includes('Files')) return false;
  event.preventDefault();
  return true;
}
