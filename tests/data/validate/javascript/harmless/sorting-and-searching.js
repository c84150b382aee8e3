const quick = ([pivot, ...rest]) =>
  pivot === undefined
    ? []
    : [...quick(rest.filter((x) => x < pivot)), pivot, ...quick(rest.filter((x) => x >= pivot))];

function mergeSort(list) {
  if (list.length < 2) return list;
  const mid = list.length >> 1;
  const left = mergeSort(list.slice(0, mid));
  const right = mergeSort(list.slice(mid));
  const out = [];
  while (left.length && right.length) out.push(left[0] <= right[0] ? left.shift() : right.shift());
  return out.concat(left, right);
}

function binarySearch(sorted, x) {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const mid = (low + high) >>> 1;
    if (sorted[mid] === x) return mid;
    if (sorted[mid] < x) low = mid + 1;
    else high = mid - 1;
  }
  return -1;
}

const numbers = Array.from({ length: 40 }, (_, i) => (i * 7919) % 101);
const sorted = [...numbers].sort((a, b) => a - b);
console.log(String(quick(numbers)) === String(sorted), String(mergeSort(numbers)) === String(sorted));
console.log(binarySearch(sorted, sorted[17]), binarySearch(sorted, 1000));
