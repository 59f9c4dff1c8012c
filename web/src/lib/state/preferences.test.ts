import { describe, expect, it } from 'vitest';
import { type KeyValue, Preferences, tolerant } from './preferences.ts';
import { preferenceFor } from './preferred-model.ts';
import { aModel } from './test-frames.ts';

function storage(): KeyValue & { map: Map<string, string> } {
  const map = new Map<string, string>();
  return {
    map,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

describe('preferences', () => {
  it('share the session and the model among all tabs', () => {
    const shared = storage();
    const one = new Preferences(shared, storage());
    const two = new Preferences(shared, storage());
    one.rememberSession('s1');
    one.chooseModel('claude-opus-5-5');
    expect([two.sessionId, two.model]).toEqual(['s1', 'claude-opus-5-5']);
  });

  it('share how Automatic is to choose, and pass over what is no way of choosing', () => {
    const shared = storage();
    const one = new Preferences(shared, storage());
    expect(one.autoMode).toBeNull();
    one.chooseAutoMode('economy');
    expect(new Preferences(shared, storage()).autoMode).toBe('economy');
    shared.setItem('chatbox.auto-mode', 'cheapest');
    expect(one.autoMode).toBeNull();
  });

  it('keep a separate session in its own tab', () => {
    const shared = storage();
    const one = new Preferences(shared, storage());
    const two = new Preferences(shared, storage());
    one.rememberSession('s1');
    two.startSeparate();
    expect(two.sessionId).toBeNull();
    two.rememberSession('s2');
    expect([one.sessionId, two.sessionId]).toEqual(['s1', 's2']);
    two.joinShared();
    expect(two.sessionId).toBe('s1');
  });

  it('forget a session that is gone, but not a newer one of another tab', () => {
    const preferences = new Preferences(storage(), storage());
    preferences.rememberSession('new');
    preferences.forgetSession('old');
    expect(preferences.sessionId).toBe('new');
    preferences.forgetSession('new');
    expect(preferences.sessionId).toBeNull();
  });

  it('put the own session aside for one of another device, and let the two change places', () => {
    const preferences = new Preferences(storage(), storage());
    preferences.rememberSession('own');
    preferences.adopt('from elsewhere', true);
    expect([preferences.sessionId, preferences.previousSession]).toEqual(['from elsewhere', 'own']);
    preferences.swapSessions();
    expect([preferences.sessionId, preferences.previousSession]).toEqual(['own', 'from elsewhere']);
    preferences.forgetSession('from elsewhere');
    expect(preferences.previousSession).toBeNull();
    preferences.adopt('again', false);
    expect([preferences.sessionId, preferences.previousSession]).toEqual(['again', null]);
  });

  it('know the way of this tab only', () => {
    const shared = storage();
    const one = new Preferences(shared, storage());
    one.keepWay('http');
    expect([one.way, new Preferences(shared, storage()).way]).toEqual(['http', 'socket']);
    one.keepWay('socket');
    expect(one.way).toBe('socket');
  });

  it('take only the themes that exist', () => {
    const shared = storage();
    const preferences = new Preferences(shared, storage());
    preferences.chooseTheme('dark');
    expect(preferences.theme).toBe('dark');
    shared.map.set('chatbox.theme', 'sepia');
    expect(preferences.theme).toBe('system');
  });

  it('live as long as the page where storage is blocked', () => {
    const blocked = tolerant(() => {
      throw new DOMException('blocked', 'SecurityError');
    });
    const preferences = new Preferences(blocked, blocked);
    expect(preferences.sessionId).toBeNull();
    preferences.rememberSession('s1');
    expect(preferences.sessionId).toBe('s1');
    preferences.forgetSession('s1');
    expect(preferences.sessionId).toBeNull();
  });

  it('keep what a full storage refuses', () => {
    const full = storage();
    const store = tolerant(() => ({
      ...full,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    }));
    store.setItem('key', 'value');
    expect(store.getItem('key')).toBe('value');
  });
});

describe('the remembered model in a new session', () => {
  const models = [
    aModel('up', 'available'),
    aModel('old', 'deprecated'),
    aModel('down', 'unavailable'),
    aModel('gone', 'retired'),
  ];

  it.each([
    ['up', 'change'],
    ['old', 'change'],
    ['gone', 'change'],
    ['down', 'tell'],
    ['never', 'forget'],
    ['auto', 'keep'],
    [null, 'keep'],
  ])('%s: %s', (wanted, kind) => {
    expect(preferenceFor(wanted, 'auto', models).kind).toBe(kind);
  });

  it('is left alone while the list cannot be had', () => {
    expect(preferenceFor('never', 'auto', null)).toEqual({ kind: 'keep' });
  });
});

describe('another person at this browser', () => {
  const world = () => ({ preferences: new Preferences(storage(), storage()) });

  it('the first name that is known changes nothing, and neither does the same one again', () => {
    const { preferences } = world();
    preferences.rememberSession('s1');
    expect(preferences.changePerson('alice')).toBe(false);
    expect(preferences.changePerson('alice')).toBe(false);
    expect(preferences.sessionId).toBe('s1');
  });

  it('has a session of their own, sees nothing unsent, and the one before finds theirs again', () => {
    const { preferences } = world();
    preferences.rememberSession('of alice');
    preferences.changePerson('alice');
    preferences.keepDraft('A secret');
    preferences.keepOutbox('[]');
    expect(preferences.changePerson('bob')).toBe(true);
    expect([preferences.sessionId, preferences.draft, preferences.outbox]).toEqual([null, '', null]);
    preferences.rememberSession('of bob');
    expect(preferences.changePerson('alice')).toBe(true);
    expect(preferences.sessionId).toBe('of alice');
    expect(preferences.changePerson('bob')).toBe(true);
    expect(preferences.sessionId).toBe('of bob');
  });
});
