import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface ConfirmButtonProps {
  readonly label: string;
  /** What is asked before it is done; where it has to be found out first, nothing is asked when there is nothing to do. */
  readonly question: string | (() => Promise<string | undefined>);
  readonly onConfirm: () => Promise<void>;
}

/** A button that asks once more, in its own place, before it does what cannot be undone. */
export function ConfirmButton({ label, question, onConfirm }: ConfirmButtonProps): JSX.Element {
  const [step, setStep] = useState<'idle' | 'wondering' | 'asking' | 'busy'>('idle');
  const [asked, setAsked] = useState('');
  const ask = async (): Promise<void> => {
    setStep('wondering');
    const found = typeof question === 'string' ? question : await question();
    setAsked(found ?? '');
    setStep(found === undefined ? 'idle' : 'asking');
  };
  const confirm = async (): Promise<void> => {
    setStep('busy');
    try {
      await onConfirm();
    } finally {
      setStep('idle');
    }
  };
  if (step === 'idle' || step === 'wondering')
    return (
      <button type="button" class="quiet" disabled={step === 'wondering'} onClick={() => void ask()}>
        {label}
      </button>
    );
  return (
    <span class="confirm" role="group" aria-label={asked}>
      <span>{asked}</span>
      <button type="button" class="danger" disabled={step === 'busy'} onClick={() => void confirm()}>
        {step === 'busy' ? 'Working…' : 'Yes'}
      </button>
      <button type="button" class="quiet" disabled={step === 'busy'} onClick={() => setStep('idle')}>
        No
      </button>
    </span>
  );
}
