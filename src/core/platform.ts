/**
 * Types of the platform in the public typings. TypeScript's DOM library or @types/node declare them; a program that is
 * compiled with neither, or with one of them only, gets what is declared there and `never` for the rest.
 */
type Declared<Name extends string, Otherwise = never> = typeof globalThis extends Record<Name, { prototype: infer T }>
  ? T
  : Otherwise;

type DeclaredWasm<Name extends string> = typeof globalThis extends {
  WebAssembly: Record<Name, { prototype: infer T }>;
}
  ? T
  : never;

/** `Response` of fetch. */
export type FetchResponse = Declared<"Response">;
/** `URL`. */
export type Address = Declared<"URL">;
/** `AbortSignal`: of it, whether it was aborted is looked at. */
export type Signal = Declared<"AbortSignal", { readonly aborted: boolean }>;
/** `WebAssembly.Module`. */
export type WasmModule = DeclaredWasm<"Module">;
/** `WebAssembly.Memory`. */
export type WasmMemory = DeclaredWasm<"Memory">;
/** `WebAssembly.Table`. */
export type WasmTable = DeclaredWasm<"Table">;
/** Bytes of a file. */
export type Bytes = ArrayBuffer | ArrayBufferView;
