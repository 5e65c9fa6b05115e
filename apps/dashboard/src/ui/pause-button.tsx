import type { JSX } from 'preact';

interface PauseButtonProps {
  readonly name: string;
  readonly paused: boolean;
  readonly disabled: boolean;
  readonly onPause: () => void;
  readonly onResume: () => void;
}

/** Pauses what runs, resumes what is paused. */
export function PauseButton({ name, paused, disabled, onPause, onResume }: PauseButtonProps): JSX.Element {
  const verb = paused ? 'Resume' : 'Pause';
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`${verb} ${name}`}
      disabled={disabled}
      onClick={paused ? onResume : onPause}
    >
      {verb}
    </button>
  );
}
