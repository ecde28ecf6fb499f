"""Columns of text."""


def show(title, columns, rows):
    cells = [columns] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    print(f"\n{title}\n")
    for line in cells:
        print("  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths))))
    print(flush=True)


def count(number):
    return f"{number:,.0f}"


def spread(part):
    return f"±{part:.0%}"
