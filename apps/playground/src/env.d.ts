interface ImportMeta {
  readonly env: { readonly DEV: boolean; readonly MODE: string };
  glob<T>(pattern: string, options: { readonly import: string; readonly eager: true }): Record<string, T>;
  glob<T>(pattern: string, options: { readonly import: string }): Record<string, () => Promise<T>>;
}
declare module "*.css?inline" {
  const text: string;
  export default text;
}
declare module "*?worker&inline" {
  const Program: new (options: { readonly name: string }) => Worker;
  export default Program;
}
