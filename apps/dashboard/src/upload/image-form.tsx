import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Asset, Job } from '../api/model.js';
import { firstVariants, resizePayload, type VariantChoice } from './payloads.js';
import { SubmitForm } from './submit-form.js';
import { useSubmission } from './use-submission.js';
import { VariantsFields } from './variants-fields.js';

interface ImageFormProps {
  readonly asset: Asset;
  readonly onSubmitted: (job: Job) => void;
}

export function ImageForm({ asset, onSubmitted }: ImageFormProps): JSX.Element {
  const [variants, setVariants] = useState<readonly VariantChoice[]>(firstVariants);
  const submission = useSubmission(onSubmitted);
  const submit = (): void => submission.submit('image.resize', resizePayload(asset.id, variants));
  return (
    <SubmitForm submission={submission} onSubmit={submit}>
      <VariantsFields value={variants} onChange={setVariants} errors={submission.errors} />
    </SubmitForm>
  );
}
