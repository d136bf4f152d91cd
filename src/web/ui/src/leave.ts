// What has to be done before a page may be left on purpose.

type Last = () => Promise<unknown>;

const lasts: Last[] = [];

export function beforeLeaving(last: Last): void {
  lasts.push(last);
}

export async function readyToLeave(): Promise<void> {
  await Promise.allSettled(lasts.map((last) => last()));
}
