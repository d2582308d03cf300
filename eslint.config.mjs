import js from '@eslint/js';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'coverage/', 'node_modules/', '**/node_modules/', '.local-cloud/'] },
  js.configs.recommended,
  security.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
    },
  },
  {
    rules: {
      // Object keys and file names in this project come from our own tables and temporary folders.
      'security/detect-object-injection': 'off',
      'security/detect-non-literal-fs-filename': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        URLSearchParams: 'readonly',
      },
    },
  },
  {
    files: ['local-cloud/cloud/page/*.js'],
    languageOptions: { globals: { document: 'readonly', Node: 'readonly' } },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'fetchOut of src/proxy knows the proxy.' },
      ],
    },
  },
  { files: ['__tests__/**', 'sample-app/test/**'], rules: { 'max-lines-per-function': 'off' } },
  {
    // What a busy machine fails by chance.
    files: ['__tests__/**/*.ts', 'sample-app/test/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `CallExpression[callee.name='expect'] BinaryExpression[operator='-'] > CallExpression[callee.object.name=/^(Date|performance)$/]`,
          message: 'A limit on the clock fails where the machine is busy: bench/ measures speed.',
        },
        {
          selector: `Property[key.name=/^(cancelOn|line|when)$/] Literal[regex.pattern=/[0-9]( |\\\\s)(s|min|h)\\b/]`,
          message: 'A measured time is another one each time: wait for the words beside it.',
        },
      ],
    },
  },
);
