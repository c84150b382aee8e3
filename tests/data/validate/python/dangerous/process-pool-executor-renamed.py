from concurrent.futures import ProcessPoolExecutor as Pool  #! python.process-pool python.import.threading

with Pool(500) as pool:  #! python.process-pool
    print(list(pool.map(abs, range(10))))
