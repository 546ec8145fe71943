"""What strategies and stages may see of the market: bars so far, instruments, and each strategy's standing."""
