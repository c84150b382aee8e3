def menu():
    tasks = []
    while True:
        choice = input("[a]dd, [l]ist, [q]uit: ").strip().lower()
        if choice == "q":
            break
        if choice == "a":
            tasks.append(input("task: "))
        elif choice == "l":
            for number, task in enumerate(tasks, 1):
                print(f"{number}. {task}")
        else:
            print("eval? exec? no such command")
    return tasks


if __name__ == "__main__":
    try:
        print(len(menu()), "tasks")
    except EOFError:
        print("bye")
