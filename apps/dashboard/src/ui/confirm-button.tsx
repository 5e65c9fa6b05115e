import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface ConfirmButtonProps {
  readonly label: string;
  /** What is asked before it is done. */
  readonly question: string;
  readonly onConfirm: () => Promise<void>;
}

/** A button that asks once more, in its own place, before it does what cannot be undone. */
export function ConfirmButton({ label, question, onConfirm }: ConfirmButtonProps): JSX.Element {
  const [step, setStep] = useState<'idle' | 'asking' | 'busy'>('idle');
  const confirm = async (): Promise<void> => {
    setStep('busy');
    try {
      await onConfirm();
    } finally {
      setStep('idle');
    }
  };
  if (step === 'idle')
    return (
      <button type="button" class="quiet" onClick={() => setStep('asking')}>
        {label}
      </button>
    );
  return (
    <span class="confirm" role="group" aria-label={question}>
      <span>{question}</span>
      <button type="button" class="danger" disabled={step === 'busy'} onClick={() => void confirm()}>
        {step === 'busy' ? 'Working…' : 'Yes'}
      </button>
      <button type="button" class="quiet" disabled={step === 'busy'} onClick={() => setStep('idle')}>
        No
      </button>
    </span>
  );
}
