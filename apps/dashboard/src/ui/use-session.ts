import { useEffect, useState } from 'preact/hooks';
import { currentSession, onSessionChange, type Session } from '../api/session.js';

export function useSession(): Session {
  const [session, setSession] = useState(currentSession);
  useEffect(() => {
    // It may have changed between the first drawing and now.
    setSession(currentSession());
    return onSessionChange(() => setSession(currentSession()));
  }, []);
  return session;
}
