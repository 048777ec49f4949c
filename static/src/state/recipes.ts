/** Commands for other programs, as docs/clients.md has them: $BANDO is the server's address, $TOKEN an access token. */
import type { AccountWordKey } from './words-account.ts';

export interface Recipe {
  title: AccountWordKey;
  command: string;
}

/** They run as they are in the shells of Linux, macOS and OSGeo4W. */
export const commands: readonly Recipe[] = [
  {
    title: 'recipeGdalList',
    command: 'ogrinfo -ro "OAPIF:$BANDO" --config GDAL_HTTP_HEADERS "Authorization: Bearer $TOKEN"',
  },
  {
    title: 'recipeGdalTake',
    command:
      'ogr2ogr -f GPKG parcels.gpkg "OAPIF:$BANDO" parcels -oo PAGE_SIZE=1000 --config GDAL_HTTP_HEADERS "Authorization: Bearer $TOKEN"',
  },
  {
    title: 'recipeCurl',
    command: 'curl -s -H "Authorization: Bearer $TOKEN" "$BANDO/collections/parcels/items?limit=10" -o parcels.geojson',
  },
];

/** A command for this server and this token. */
export const filled = (command: string, origin: string, token: string): string =>
  command.replaceAll('$BANDO', origin).replaceAll('$TOKEN', token);
