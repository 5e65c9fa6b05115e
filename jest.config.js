/** ESM through swc; `heavylift-source` makes every workspace package resolve to its TypeScript source. */
export default {
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/jest.setup.js'],
  testEnvironmentOptions: { customExportConditions: ['heavylift-source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    // A thread is none of Jest's.
    '/store-program\\.js$': '<rootDir>/apps/gateway/src/store/sqlite/store-program.fixtures.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // None is meant to take as long: a machine that has other things to do is.
  testTimeout: 60_000,
  // Three would starve brokers that elect leaders and count heartbeats on two cores.
  maxWorkers: 2,
  testSequencer: '<rootDir>/jest.sequencer.js',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
