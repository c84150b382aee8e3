from PIL import Image, ImageDraw, ImageFilter

image = Image.new("RGB", (200, 100), "white")
draw = ImageDraw.Draw(image)
draw.ellipse((20, 20, 80, 80), fill="steelblue", outline="black")
draw.text((100, 40), "os.system", fill="black")
image.filter(ImageFilter.GaussianBlur(1)).save("out.png")
with Image.open("out.png") as again:
    print(again.size, again.mode)
