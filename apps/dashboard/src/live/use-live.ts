import { useEffect, useState } from 'preact/hooks';
import { currentLive, type Live, onLive } from './live.js';

export function useLive(): Live {
  const [live, setLive] = useState(currentLive);
  useEffect(() => {
    // It may have changed between the first drawing and now.
    setLive(currentLive());
    return onLive(() => setLive(currentLive()));
  }, []);
  return live;
}
