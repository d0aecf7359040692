"""What the page *Plan* is made of: what its address asks for, what stands on its days, and its forms."""
