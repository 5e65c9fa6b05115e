import type { JSX } from 'preact';
import type { ResultPicture } from './job-result.js';
import { Picture } from './picture.js';

interface PictureGridProps {
  readonly pictures: readonly ResultPicture[];
  readonly sourceBytes: number | undefined;
}

export function PictureGrid({ pictures, sourceBytes }: PictureGridProps): JSX.Element {
  return (
    <ul class="pictures">
      {pictures.map((picture) => (
        <li key={picture.asset}>
          <Picture picture={picture} sourceBytes={sourceBytes} />
        </li>
      ))}
    </ul>
  );
}
