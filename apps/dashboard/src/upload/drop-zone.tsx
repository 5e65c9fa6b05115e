import type { JSX } from 'preact';

interface DropZoneProps {
  readonly hovering: boolean;
  readonly onFile: (file: File) => void;
}

export function DropZone({ hovering, onFile }: DropZoneProps): JSX.Element {
  return (
    <label class={hovering ? 'drop drop-hovering' : 'drop'}>
      <input
        id="file"
        type="file"
        accept="video/*,image/*"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
        }}
      />
      <svg viewBox="0 0 24 24" width="32" height="32" aria-hidden="true">
        <path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />
      </svg>
      <span class="drop-title">Choose a video or a picture</span>
      <span class="muted">or drop it anywhere on this page</span>
    </label>
  );
}
