/** Whether shrinking it takes deadlines and hardly any work, so that a worker does it beside other tasks. */
export const isHang = (signature: string): boolean => signature.startsWith('hang/');
