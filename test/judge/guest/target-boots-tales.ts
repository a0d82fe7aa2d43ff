import { about } from '../tale.ts';

export const bootTales = about('integrity/target-boots', {
  broken: {
    'a guest that says nothing': '~ boot claim=0 image=dst outcome=silent text=late',
    'a guest that comes up, and can not read its disk': '~ boot claim=0 image=dst outcome=failed text=error',
    'a guest that reads something else than lies in the image':
      '~ boot claim=0 image=dst outcome=read bootUs=1 lengthBytes=512 guest=ab host=ac',
  },
  kept: {
    'a guest that reads what lies in the image':
      '~ boot claim=0 image=dst outcome=read bootUs=1 lengthBytes=512 guest=ab host=ab',
  },
});
