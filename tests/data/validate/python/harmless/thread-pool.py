from concurrent.futures import ThreadPoolExecutor, as_completed  #! python.import.threading


def slow_square(n):
    return n, n * n


with ThreadPoolExecutor(max_workers=4) as executor:
    futures = [executor.submit(slow_square, n) for n in range(8)]
    for future in as_completed(futures):
        n, square = future.result()
        print(n, square)
    print(list(executor.map(len, ["a", "bb", "ccc"])))
