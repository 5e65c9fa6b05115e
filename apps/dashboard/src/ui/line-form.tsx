import type { ComponentChildren, JSX } from 'preact';

interface LineFormProps {
  readonly button: string;
  /** What the button is called where several of its kind are on the page. */
  readonly name: string;
  readonly disabled: boolean;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

/** A field and its button in one line. */
export function LineForm({ button, name, disabled, onSubmit, children }: LineFormProps): JSX.Element {
  return (
    <form
      class="line-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <button type="submit" class="quiet" aria-label={name} disabled={disabled}>
        {button}
      </button>
    </form>
  );
}
