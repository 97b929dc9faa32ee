import asyncio

from gpiozero import LED


async def blink(pin, period):
    led = LED(pin)
    for _ in range(4):
        led.toggle()
        await asyncio.sleep(period)


async def main():
    await asyncio.gather(blink(17, 0.5), blink(27, 0.75))


asyncio.run(main())
