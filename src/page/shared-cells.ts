import type { AffectedCell, Page } from './model.ts';

/** Pages as they stand in the file: what is said of versions stands once, and findings name it by its place. */
export type StoredPages = { cells: AffectedCell[]; pages: StoredPage[] };
type StoredPage = Omit<Page, 'findings'> & { findings: StoredHead[] };
type StoredHead = Omit<Page['findings'][number], 'affected'> & { affected: number[] };

/** Hundreds of findings say few different things of versions, which are two thirds of a list's text otherwise. */
export function storedPages(pages: readonly Page[]): StoredPages {
  const places = new Map<string, number>();
  const cells: AffectedCell[] = [];
  const placeOf = (cell: AffectedCell): number => {
    const key = JSON.stringify(cell);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, cells.length);
    return cells.push(cell) - 1;
  };
  const stored = pages.map((page) => ({
    ...page,
    findings: page.findings.map((head) => ({ ...head, affected: head.affected.map(placeOf) })),
  }));
  return { cells, pages: stored };
}

/** The pages again; a place without a cell is left out. */
export function pagesOf({ cells, pages }: StoredPages): Page[] {
  return pages.map((page) => ({
    ...page,
    findings: page.findings.map((head) => ({
      ...head,
      affected: head.affected.flatMap((place) => cells[place] ?? []),
    })),
  }));
}
