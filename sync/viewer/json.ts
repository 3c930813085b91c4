// SPDX-License-Identifier: EUPL-1.2
//
// json.ts: reading JSON from outside, member by member, with a type asked for each.
//
// Unknown members are ignored. Errors: Failure malformed.
import { from_base32, from_base64url, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';

export class Json {
  private constructor(private readonly value: unknown) {}

  static parse(text: string): Json {
    try {
      return new Json(JSON.parse(text));
    } catch {
      throw new Failure('malformed');
    }
  }

  static of(value: unknown): Json {
    return new Json(value);
  }

  // A member; absent is a Json that has() nothing. Own members only: no `__proto__`, no `toString`.
  at(name: string): Json {
    const object = this.value;
    if (typeof object !== 'object' || object === null || Array.isArray(object)) throw bad();
    return new Json(
      Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined,
    );
  }

  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  text(limit = 4096): string {
    if (typeof this.value !== 'string' || this.value.length > limit) throw bad();
    return this.value;
  }

  text_or_empty(limit = 4096): string {
    return this.present ? this.text(limit) : '';
  }

  // A whole number from 0 to 2^53 - 1.
  count(): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < 0) throw bad();
    return this.value as number;
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) throw bad();
    return this.value;
  }

  flag(): boolean {
    if (typeof this.value !== 'boolean') throw bad();
    return this.value;
  }

  list(limit = 10_000): Json[] {
    if (!Array.isArray(this.value) || this.value.length > limit) throw bad();
    return this.value.map((element) => new Json(element));
  }

  base64url(size: number): Bytes {
    return sized(from_base64url(this.text()), size);
  }

  base32(size: number): Bytes {
    return sized(from_base32(this.text()), size);
  }
}

const bad = (): Failure => new Failure('malformed');

function sized(bytes: Bytes, size: number): Bytes {
  if (bytes.length !== size) throw bad();
  return bytes;
}
