interface ImportMeta {
  readonly env: { readonly DEV: boolean };
}
declare module "*.css?inline" {
  const text: string;
  export default text;
}
