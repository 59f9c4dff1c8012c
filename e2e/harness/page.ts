import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { findBrowser } from '../../scripts/browser.ts';
import { inPackage } from '../../scripts/paths.ts';

export async function launch(): Promise<Browser> {
  return chromium.launch(await findBrowser());
}

export type View = { width?: number; height?: number; dark?: boolean };

/** The page as a person sees it; elements are found by what a screen reader would say. */
export class ChatPage {
  readonly page: Page;
  readonly composer: Locator;
  readonly chip: Locator;
  readonly answers: Locator;
  readonly dialog: Locator;
  readonly warning: Locator;
  /** What the console complained about, and errors nobody caught. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: 'Message' });
    this.chip = page.getByRole('button', { name: /^Model: / });
    this.answers = page.getByRole('main').getByRole('article', { name: /^Answer from/ });
    this.dialog = page.getByRole('dialog');
    this.warning = page.getByRole('alertdialog');
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** Opens the address and waits until the session is there. */
  static async open(context: BrowserContext, url: string): Promise<ChatPage> {
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(url);
    await chat.ready();
    return chat;
  }

  async ready(): Promise<void> {
    await this.page.getByTitle('Connected').waitFor();
    await this.composer.waitFor();
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Sends and waits until the answer is finished. */
  async ask(text: string): Promise<Locator> {
    const before = await this.answers.count();
    await this.send(text);
    const answer = this.answers.nth(before);
    await this.finished(answer);
    return answer;
  }

  async finished(answer: Locator): Promise<void> {
    await answer.and(this.page.locator('[aria-busy="false"]')).waitFor();
  }

  /** Opens the selector, picks by name, applies. */
  async pick(name: string | RegExp): Promise<void> {
    await this.chip.click();
    await this.dialog.getByRole('radio', { name }).check();
    await this.dialog.getByRole('button', { name: 'Apply' }).click();
  }

  /** Takes away what lies over the page for some seconds. */
  async dismissNotices(): Promise<void> {
    await this.page.getByRole('button', { name: /^Dismiss: / }).evaluateAll((buttons) => {
      for (const button of buttons) button.dispatchEvent(new Event('click', { bubbles: true }));
    });
  }

  async history(): Promise<void> {
    await this.dismissNotices();
    await this.page.getByRole('button', { name: 'History' }).click();
    await this.dialog.getByRole('heading', { name: 'History' }).waitFor();
  }

  /** Serious and critical findings of axe-core, as `rule: element` lines. */
  async accessibilityFaults(): Promise<string[]> {
    // Through the debugger's protocol, which the page's policy does not stop as it would a script element.
    await this.page.evaluate(readFileSync(inPackage('axe-core', 'axe.min.js'), 'utf8'));
    return this.page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`);
  }
}

/** A browser profile of its own: nothing stored, one size, light or dark. */
export function newProfile(browser: Browser, view: View = {}): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: view.width ?? 1280, height: view.height ?? 860 },
    colorScheme: view.dark ? 'dark' : 'light',
    // A colour in the middle of a fade would be measured as a contrast.
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
}
