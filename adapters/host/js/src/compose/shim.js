/**
 * shim.js - the few lines that know both memories
 *
 * The client's memory is the first: once the two are lowered to one it begins at 0, and the engine's begins where it ends.
 */
import { GROW } from './growth.js';

/**
 * @param {{ lowered: boolean, listeners: Buffer[], opensFiles: boolean, entry?: string }} plan
 *   listeners: 20 bytes each, as adapters/api/merge/listen.c reads them; entry: _start or _initialize of the client
 */
export function shim({ lowered, listeners, opensFiles, entry }) {
    const list = Buffer.concat(listeners);
    const escaped = [...list].map((b) => `\\${b.toString(16).padStart(2, '0')}`).join('');
    return `(module
  (import "client" "memory" (memory $client 0))
  (import "engine" "memory" (memory $engine 0))
  (import "engine" "__wasm_call_ctors" (func $constructors))
  ${listeners.length ? `(import "engine" "listen_start${opensFiles ? '_behind_folders' : ''}" (func $listen))` : ''}
  ${entry ? `(import "client" "isthmus_client_entry" (func $entry))` : ''}
  ${entry === '_start' ? '(import "engine" "leave" (func $leave))' : ''}
  (data $list "${escaped}")
  (func (export "read") (param $to i32) (param $from i32) (param $len i32)
    (memory.copy $engine $client (local.get $to) (local.get $from) (local.get $len)))
  (func (export "write") (param $to i32) (param $from i32) (param $len i32)
    (memory.copy $client $engine (local.get $to) (local.get $from) (local.get $len)))
  (func (export "pages") (result i32) (memory.size $client))
  (func (export "base") (result i32) ${lowered ? '(i32.shl (memory.size $client) (i32.const 16))' : '(i32.const 0)'})
  ${lowered ? `(func (export "${GROW}") (param i32) (result i32) (memory.grow $client (local.get 0)))` : ''}
  (func (export "listeners") (param $to i32) (result i32)
    (memory.init $engine $list (local.get $to) (i32.const 0) (i32.const ${list.length}))
    (i32.const ${listeners.length}))
  ${entry ? `(func (export "isthmus_entry") ${listeners.length ? '(call $listen)' : ''} (call $entry) ${entry === '_start' ? '(call $leave)' : ''})` : ''}
  (func $begin (call $constructors)) (; wasm-merge does not follow an import that is itself the start ;)
  (start $begin))
`;
}
