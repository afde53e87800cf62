import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMarked, isMarkedText, isMarkedValue } from './state-secret.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const MARKED: Record<string, string> = {
  'a field of JSON': '{"values": {"pm25": 12}, "classification": "TUYỆT MẬT"}',
  'a field in other letters': '{"Độ mật": "tối mật"}',
  'a field without marks': '{"do_mat": "Toi mat"}',
  'the English word': '{"class": "state_secret"}',
  'escaped letters': '{"do mat": "T\\u1ed0I M\\u1eacT"}',
  'letters in pieces': JSON.stringify({ 'độ mật': 'Tuyệt mật' }).normalize('NFD'),
  'a field deep inside': '{"a": [{"b": [{"dataClass": "secret"}]}]}',
  'a text that is a stamp': '{"name": "MẬT"}',
  'a title behind a stamp': '{"title": "[TỐI MẬT] Phương án"}',
  'a declaration inside a text': '{"note": "Kèm công văn, độ mật: Tối mật, lưu tủ 4"}',
  'a column of a table': 'id,name,độ mật\r\na,Cầu,\r\nb,"Kho, số 2",Mật\r\n',
  'a column with semicolons': 'id;classification\n1;Top secret',
  'a stamped page': 'BỘ X\n\n  TUYỆT MẬT  \n\nKế hoạch',
  'a line of settings': 'name: x\nclassification: Tối mật\n',
  'broken JSON': '{"values": {"pm25": 12, "classification": "T\\u1ed0I M\\u1eacT"',
};

const FREE: Record<string, string> = {
  'a reading': '{"ts": "2026-11-22T08:00:00Z", "values": {"pm25": 12.5, "matter": 3}}',
  density: '{"name": "Trạm đếm mật độ xe"}',
  'a secret in general': '{"name": "Giữ bí mật", "note": "MẬT ONG U MINH"}',
  honey: 'Mật ong rừng\nmật độ dân số\nMật khẩu: đổi sau 30 ngày',
  'our own classes': '{"class": "restricted", "maxClass": "internal"}',
  'a face, an eye, cool': '{"class": "mặt", "classification": "mắt"}',
  'a table': 'id,name,class\na,Bí mật của rừng,internal\n',
  'a word in small letters alone': '{"name": "mật"}',
  'a place': '{"name": "Chợ Mật"}',
};

describe('marks of state secrets', () => {
  it.each(Object.entries(MARKED))('are found in %s', (_what, text) => {
    expect(isMarked(bytes(text))).toBe(true);
  });

  it.each(Object.entries(FREE))('are not seen in %s', (_what, text) => {
    expect(isMarked(bytes(text))).toBe(false);
  });

  it('are found wherever a field of JSON stands, however it is written', () => {
    const field = fc.constantFrom('class', 'Classification', 'Độ mật', 'độ_mật', 'data-class');
    const value = fc.constantFrom('MẬT', 'Mật', 'tối mật', 'TUYET_MAT', 'State-Secret');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), field, value, fc.boolean(), (other, name, said, escaped) => {
        const text = JSON.stringify({ other: [{ deep: other, [name]: said }] });
        const sent = escaped
          ? text.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : text;
        expect(isMarked(bytes(sent))).toBe(true);
      }),
    );
  });

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
        expect(typeof isMarked(garbage)).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof isMarkedText(text)).toBe('boolean');
      }),
    );
  });

  it('cost no more than their length, however they are padded', () => {
    for (const pad of [' ', '"', '=', '[', 'độ ', ':', ',', '\n', '{"class":'])
      expect(isMarkedText(pad.repeat(50_000))).toBe(false);
  });

  it('are looked for to a bounded depth', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 5000; level++) deep = [deep];
    expect(isMarkedValue(deep)).toBe(false);
  });
});
