/** Does one step and prints one line with its name and how long it took, whether it went well or not. */
export async function step<T>(name: string, act: () => Promise<T>): Promise<T> {
  const from = Date.now();
  const report = (outcome: string): void => {
    console.log(`${name.padEnd(9)}${((Date.now() - from) / 1000).toFixed(1).padStart(6)} s${outcome}`);
  };
  try {
    const result = await act();
    report('');
    return result;
  } catch (error) {
    report('  failed');
    throw error;
  }
}
