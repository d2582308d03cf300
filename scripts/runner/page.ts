/** GitHub gives no more at once. https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const longestPage = 100;

/** The page that a query asks for; `usual` is how many it has where the query does not say. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams, usual = 30): T[] {
  const asked = query.get('per_page');
  const size = asked === null ? usual : Math.min(longestPage, Number(asked));
  const start = (Number(query.get('page') ?? 1) - 1) * size;
  return all.slice(start, start + size);
}
