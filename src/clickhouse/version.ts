/** The version that a ClickHouse server says it has. */
export async function clickHouseVersion(url: string): Promise<string> {
  const response = await fetch(`${url}/?query=${encodeURIComponent('SELECT version()')}`);
  return (await response.text()).trim();
}
